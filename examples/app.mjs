// A small web application to rehearse with. It says its version; with ERROR_RATE it is broken in a
// way that health checks do not see, as real regressions are.
//   VERSION=v2 ERROR_RATE=0.4 PORT=8080 node examples/app.mjs
import { createServer } from 'node:http';

const version = process.env.VERSION ?? 'v1';
const errorRate = Number(process.env.ERROR_RATE ?? 0);

const server = createServer((request, response) => {
  const isHealthCheck = request.headers['user-agent']?.startsWith('ELB-HealthChecker');
  const isBroken = !isHealthCheck && Math.random() < errorRate;
  response.writeHead(isBroken ? 500 : 200, { 'content-type': 'text/plain' });
  response.end(isBroken ? `${version} failed\n` : `hello from ${version}\n`);
});

// Longer than the load balancer keeps its idle connections, so that no request meets a closing one.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
