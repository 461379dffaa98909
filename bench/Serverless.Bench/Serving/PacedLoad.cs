using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Serverless.Bench.Serving;

/// <summary>
/// Requests at a set pace, each at its own time whether or not those before it were answered (open loop): latency as callers of a server that is not full see it. Counted from the time when a request was due, so that
/// one that waits for its turn counts as late. Runs in a process pinned to the second core (<c>--paced</c>).
/// </summary>
internal static class PacedLoad
{
    private const int Connections = 8;

    /// <returns>Milliseconds: mean, median, 99th percentile.</returns>
    public static async Task<(double Mean, double Median, double Slowest)> RunAsync(string address, int perSecond, int seconds)
    {
        using var child = Process.Start(new ProcessStartInfo("taskset",
            ["-c", "1", "dotnet", typeof(PacedLoad).Assembly.Location, "--paced", address, perSecond.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        if (child.ExitCode != 0) throw new InvalidOperationException($"the load ended with {child.ExitCode}: {output}");
        double[] figures = [.. output.Trim().Split('\n')[^1].Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
        return (figures[0], figures[1], figures[2]);
    }

    public static void Run(string address, int perSecond, int seconds)
    {
        var uri = new Uri(address);
        var latencies = new List<double>[Connections];
        var threads = Enumerable.Range(0, Connections).Select(i => new Thread(() => latencies[i] = Drive(uri, i, perSecond / (double)Connections, seconds))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        double[] all = [.. latencies.SelectMany(l => l).Order()];
        Console.WriteLine(FormattableString.Invariant($"{all.Average():0.00000} {all[all.Length / 2]:0.00000} {all[(int)(all.Length * 0.99)]:0.00000}"));
    }

    private static List<double> Drive(Uri uri, int index, double perSecond, int seconds)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, uri.Port);
        var (answer, found) = (new byte[8192], new List<double>());
        var every = Stopwatch.Frequency / perSecond;
        var begin = Stopwatch.GetTimestamp() + (long)(every * index / Connections);
        for (var i = 0; i < perSecond * seconds; i++)
        {
            var body = Servers.Body.Insert(1, FormattableString.Invariant($"\"subject\":\"customer-{(i * Connections) + index}\","));
            var request = Encoding.ASCII.GetBytes(FormattableString.Invariant($"POST {uri.AbsolutePath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            var due = begin + (long)(every * i);
            while (Stopwatch.GetTimestamp() is var now && now < due)
            {
                if (due - now > Stopwatch.Frequency / 5000) Thread.Sleep(0);
                else Thread.SpinWait(20);
            }

            socket.Send(request);
            Receive(socket, answer);
            if (i > perSecond) found.Add((Stopwatch.GetTimestamp() - due) * 1000.0 / Stopwatch.Frequency); // the first second warms the load itself
        }

        return found;
    }

    private static void Receive(Socket socket, byte[] answer)
    {
        var (length, whole) = (0, -1);
        do
        {
            var read = socket.Receive(answer.AsSpan(length));
            if (read == 0) throw new IOException("the server closed the connection");
            length += read;
            var text = answer.AsSpan(0, length);
            if (whole < 0 && text.IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                if (!text.StartsWith("HTTP/1.1 200"u8)) throw new IOException(Encoding.ASCII.GetString(text));
                var at = text.IndexOf("Content-Length: "u8) + 16;
                System.Buffers.Text.Utf8Parser.TryParse(text[at..], out int size, out _);
                whole = end + 4 + size;
            }
        }
        while (whole < 0 || length < whole);
    }
}
