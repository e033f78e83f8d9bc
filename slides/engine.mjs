// For Marp: the numbers in front of the lines of code are not part of the code. They are set
// aside while it is coloured, or a number would be taken for one of the program's.

const numbered = /^ *\d+(  |$)/;

function withNumbers(code, colour) {
    const lines = code.replace(/\n$/, "").split("\n");
    if (!lines.every((line) => numbered.test(line))) return "";
    const numbers = lines.map((line) => line.match(numbered)[0]);
    const coloured = colour(lines.map((line, i) => line.slice(numbers[i].length)).join("\n"));
    return coloured
        .split("\n")
        .map((line, i) => `<span class="line-number">${numbers[i]}</span>${line}`)
        .join("\n");
}

export default ({ marp }) =>
    marp.use(({ options }) => {
        const colour = options.highlight;
        options.highlight = (code, language, attributes) =>
            withNumbers(code, (text) => colour(text, language, attributes)) ||
            colour(code, language, attributes);
    });
