// A process that never says hello, for the timeout.
setInterval(() => {}, 1000);
