learn() {
    echo later
}
