using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Bench.Serving;

/// <summary>wrk on the second core: 16 connections.</summary>
internal static partial class Load
{
    /// <summary>So many different bodies a load with subjects has.</summary>
    private const int Bodies = 2000;

    /// <summary>One row in each request, over a number of seconds. Throws when an answer was not 200.</summary>
    public static async Task<(double PerSecond, long Requests)> RunAsync(string address, int seconds)
    {
        var seen = await RunAsync(address, seconds, Servers.Body);
        return (seen.PerSecond, seen.Requests);
    }

    /// <param name="body">With <c>{subject}</c> where each request is to have another.</param>
    /// <param name="failures">False: answers other than 200 are an error; true: they are counted.</param>
    public static async Task<Seen> RunAsync(string address, int seconds, string body, bool failures = false)
    {
        var script = BenchData.Made($"post-{Guid.NewGuid():N}.lua");
        await File.WriteAllTextAsync(script, Script(body));
        try
        {
            using var wrk = Process.Start(new ProcessStartInfo("taskset", ["-c", "1", "wrk", "-t1", "-c16", $"-d{seconds}s", "--latency", "-s", script, address]) { RedirectStandardOutput = true })
                ?? throw new InvalidOperationException("wrk is not installed (Debian package wrk)");
            var output = await wrk.StandardOutput.ReadToEndAsync();
            await wrk.WaitForExitAsync();
            var failed = Number(Failed(), output) + SocketErrors().Match(output).Groups.Values.Skip(1).Where(g => g.Success).Sum(g => double.Parse(g.Value, CultureInfo.InvariantCulture));
            if (failed > 0 && !failures) throw new InvalidOperationException(output);
            var latest = Latest().Match(output);
            if (!Requests().IsMatch(output) || !latest.Success) throw new InvalidOperationException($"wrk said: {output}");
            var requests = (long)Number(Requests(), output);
            var unit = latest.Groups[2].Value switch { "us" => 1e-3, "ms" => 1.0, _ => 1e3 };
            return new Seen(requests / (double)seconds, requests, double.Parse(latest.Groups[1].Value, CultureInfo.InvariantCulture) * unit, (long)failed);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static string Script(string body)
    {
        var script = new StringBuilder("wrk.method=\"POST\"\nwrk.headers[\"content-type\"]=\"application/json\"\n");
        if (!body.Contains("{subject}", StringComparison.Ordinal)) return script.Append(CultureInfo.InvariantCulture, $"wrk.body='{body}'\n").ToString();
        // Made before the load begins, so that the load costs the same.
        var (before, after) = (body[..body.IndexOf("{subject}", StringComparison.Ordinal)], body[(body.IndexOf("{subject}", StringComparison.Ordinal) + 9)..]);
        return script.Append(CultureInfo.InvariantCulture, $"local all, n = {{}}, 0\ninit = function(args) for i = 1, {Bodies} do all[i] = wrk.format(nil, nil, nil, '{before}customer-' .. i .. '{after}') end end\n")
            .Append(CultureInfo.InvariantCulture, $"request = function() n = n % {Bodies} + 1 return all[n] end\n").ToString();
    }

    private static double Number(Regex of, string output) => of.Match(output) is { Success: true } match ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Failed();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex Latest();
}

/// <param name="Slowest">The 99th percentile of latencies, milliseconds.</param>
/// <param name="Failed">Answers other than 200, and connections that broke.</param>
internal sealed record Seen(double PerSecond, long Requests, double Slowest, long Failed);
