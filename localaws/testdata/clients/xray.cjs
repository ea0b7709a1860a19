// A service traced by the X-Ray SDK for Node. Its segments go to AWS_XRAY_DAEMON_ADDRESS by UDP.

'use strict';
const xray = require('aws-xray-sdk-core');
xray.captureHTTPsGlobal(require('node:http'));
const { call, next, serve } = require('./hop.cjs');

xray.middleware.setDefaultName('node');

serve((req, res) => {
  const segment = xray.middleware.traceRequestResponseCycle(req, res);
  const namespace = xray.getNamespace();
  namespace.bindEmitter(req);
  namespace.bindEmitter(res);
  namespace.run(async () => {
    xray.setSegment(segment);
    const url = next(req.url);
    try {
      res.statusCode = url ? await call(url) : 200;
    } catch (err) {
      segment.addError(err);
      res.statusCode = 502;
    }
    res.end();
  });
});
