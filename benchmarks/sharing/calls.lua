-- Calls drawn in turn from a file (one a line: path, token, agreement, parted by tabs); says what came of them as JSON.
local calls, at = {}, 0

function init(args)
   for line in io.lines(args[1]) do
      local path, token, agreement = line:match("([^\t]+)\t([^\t]+)\t([^\t]+)")
      calls[#calls + 1] = wrk.format("GET", path, {
         ["Authorization"] = "Bearer " .. token,
         ["X-Agreement"] = agreement,
         ["X-Purpose"] = "Do toc do",
      })
   end
end

function request()
   at = at % #calls + 1
   return calls[at]
end

function done(summary, latency)
   local failed = summary.errors
   print(string.format(
      'SAID{"calls": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
