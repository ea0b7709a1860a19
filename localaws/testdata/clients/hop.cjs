// What both Node services share: a server whose answer is the next service's.
//
// GET /hop?via=URL,URL calls the first URL with the rest of them, and passes its status on; without a URL it
// answers 200.

'use strict';
const http = require('node:http');

// next is the URL to call for a request, or null at the end of the way.
exports.next = (url) => {
  const via = new URL(url, 'http://localhost').searchParams.get('via');
  if (!via) return null;
  const [first, ...rest] = via.split(',');
  return `${first}/hop?via=${encodeURIComponent(rest.join(','))}`;
};

// call resolves to the status of a GET.
exports.call = (url) => new Promise((resolve, reject) => {
  http.get(url, (res) => {
    res.resume();
    res.on('end', () => resolve(res.statusCode));
  }).on('error', reject);
});

// serve takes requests until stdin ends; its first line on stdout is its address. stop is awaited at the end.
exports.serve = (handler, stop = async () => {}) => {
  const server = http.createServer(handler);
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
  process.stdin.resume().on('end', () => {
    server.close(async () => {
      await stop();
      process.exit(0);
    });
    server.closeAllConnections();
  });
};
