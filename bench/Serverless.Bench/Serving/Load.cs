using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.Bench.Serving;

/// <summary>wrk on the second core: 16 connections, one row in each request.</summary>
internal static partial class Load
{
    /// <summary>Requests a second over a number of seconds. Throws when an answer was not 200.</summary>
    public static async Task<(double PerSecond, long Requests)> RunAsync(string address, int seconds)
    {
        var script = BenchData.Made("post.lua");
        await File.WriteAllTextAsync(script, $"wrk.method=\"POST\"\nwrk.body='{Servers.Body}'\nwrk.headers[\"content-type\"]=\"application/json\"\n");
        using var wrk = Process.Start(new ProcessStartInfo("taskset", ["-c", "1", "wrk", "-t1", "-c16", $"-d{seconds}s", "-s", script, address]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("wrk is not installed (Debian package wrk)");
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (output.Contains("Non-2xx", StringComparison.Ordinal)) throw new InvalidOperationException(output);
        var match = Requests().Match(output);
        if (!match.Success) throw new InvalidOperationException($"wrk said: {output}");
        var requests = long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return (requests / (double)seconds, requests);
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();
}
