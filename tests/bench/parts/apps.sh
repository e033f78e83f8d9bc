# shellcheck shell=sh disable=SC2034,SC2046,SC2086,SC2154
# the chat and the ticker with many clients
# seconds: 20, quick: 5
