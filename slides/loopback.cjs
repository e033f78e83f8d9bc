// Loaded into Node before Marp: its server, and the one that tells a page of a change, listen
// on every address of the machine. With this, on loopback alone.

const { Server } = require("node:net");
const listen = Server.prototype.listen;

Server.prototype.listen = function (where, host, ...rest) {
    if (where !== null && typeof where === "object")
        return listen.call(this, { ...where, host: "127.0.0.1" }, host, ...rest);
    if (typeof host === "function") rest.unshift(host);
    return listen.call(this, where, "127.0.0.1", ...rest);
};
