// For tests/slides.bats, at the end of a deck's page: measures every slide as it is laid out,
// and leaves what it finds in the page, as text, a line a fault.

addEventListener("load", () => {
    const page = { width: 1280, height: 720, left: 50, right: 50, bottom: 64 }; // of theme.css
    const faults = [];
    const slides = [...document.querySelectorAll("section[data-marpit-pagination]")];

    const hasText = (part) =>
        [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());

    function measure(slide, number) {
        const title = slide.querySelector("h1, h2")?.textContent ?? "without a title";
        const fault = (text) => faults.push(`slide ${number} "${title}": ${text}`);
        const frame = slide.getBoundingClientRect();
        const scale = frame.width / page.width;
        const name = (part) => `${part.localName} "${part.textContent.trim().slice(0, 40)}"`;

        function within(part) {
            const box = part.getBoundingClientRect();
            const below = (box.bottom - frame.top) / scale - (page.height - page.bottom);
            const beyond = (box.right - frame.left) / scale - (page.width - page.right);
            if (below > 1) fault(`${name(part)} goes ${Math.round(below)} pixels too far down`);
            if (beyond > 1) fault(`${name(part)} goes ${Math.round(beyond)} pixels too far right`);
            if (part.scrollWidth > part.clientWidth + 1 && part.localName === "pre")
                fault(`${name(part)} has a line that is cut`);
        }

        function readable(part) {
            const size = parseFloat(getComputedStyle(part).fontSize);
            if (size < 18) fault(`${name(part)} is ${size} pixels high`);
        }

        function seen(picture) {
            const ratio = Math.min(picture.clientWidth / picture.naturalWidth,
                                   picture.clientHeight / picture.naturalHeight);
            if (!picture.naturalWidth) fault(`${picture.getAttribute("src")} is not shown`);
            else if (ratio * picture.naturalHeight < 360 && ratio * picture.naturalWidth < 1000)
                fault(`${picture.getAttribute("src")} is too small`);
        }

        if (!(frame.width > 0)) return fault("is not laid out");
        // The margin of the last part may reach into the padding below it.
        if (slide.scrollHeight > slide.clientHeight + 20 || slide.scrollWidth > slide.clientWidth)
            fault("is larger than its page");
        const parts = [...slide.querySelectorAll("*")].filter((part) => part.localName !== "footer");
        parts.forEach(within);
        parts.filter(hasText).forEach(readable);
        slide.querySelectorAll("img").forEach(seen);
    }

    slides.forEach((slide, i) => measure(slide, i + 1));
    const notes = [...document.querySelectorAll(".bespoke-marp-note")].map((note) => note.textContent);
    if (notes.length !== slides.length) faults.push(`${notes.length} notes for ${slides.length} slides`);
    notes.filter((note) => !/^\s*[\d.]+ min/.test(note))
        .forEach((note) => faults.push(`a note begins with "${note.trim().slice(0, 40)}"`));
    const report = document.createElement("pre");
    report.id = "measured";
    report.textContent = `\n${slides.length} slides measured\n${faults.join("\n")}\n`;
    document.body.append(report);
});
