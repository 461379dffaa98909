using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Serverless.Mail.Tests;

/// <summary>A small SMTP server (RFC 5321) with STARTTLS (RFC 3207), implicit TLS and AUTH PLAIN (RFC 4954), on a real socket.</summary>
internal sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<Received> mails = new();
    private readonly Task loop;

    public SmtpListener()
    {
        listener.Start();
        loop = Task.Run(AcceptAsync);
    }

    /// <summary>Its own word for who it is; one for all tests, because making a key takes long.</summary>
    public static X509Certificate2 Certificate { get; } = Create();

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public IReadOnlyList<Received> Mails => [.. mails];

    public bool OffersTls { get; init; } = true;

    public bool Implicit { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>Answers to DATA.</summary>
    public string AfterData { get; init; } = "250 2.0.0 kept";

    /// <summary>Says nothing at all.</summary>
    public bool Silent { get; init; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(stop.Token);
            _ = Task.Run(() => TalkAsync(client));
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var closing = client;
        try
        {
            Stream stream = client.GetStream();
            var secure = false;
            if (Silent) await Task.Delay(Timeout.Infinite, stop.Token);
            if (Implicit) (stream, secure) = (await SecureAsync(stream), true);
            await SayAsync(stream, "220 test ESMTP");
            string? user = null;
            var (from, to) = ("", new List<string>());
            while (await LineAsync(stream) is { } line)
            {
                var verb = line.Split(' ')[0].ToUpperInvariant();
                switch (verb)
                {
                    case "EHLO":
                        await SayAsync(stream, "250-test");
                        if (OffersTls && !secure) await SayAsync(stream, "250-STARTTLS");
                        if (User is not null) await SayAsync(stream, "250-AUTH PLAIN");
                        await SayAsync(stream, "250 8BITMIME");
                        break;
                    case "STARTTLS":
                        await SayAsync(stream, "220 go on");
                        (stream, secure) = (await SecureAsync(stream), true);
                        break;
                    case "AUTH":
                        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])).Split('\0');
                        user = parts[1] == User && parts[2] == Password ? parts[1] : null;
                        await SayAsync(stream, user is null ? "535 5.7.8 no" : "235 2.7.0 welcome");
                        break;
                    case "MAIL":
                        from = line;
                        await SayAsync(stream, User is not null && user is null ? "530 5.7.0 who are you" : "250 ok");
                        break;
                    case "RCPT":
                        to.Add(line);
                        await SayAsync(stream, "250 ok");
                        break;
                    case "DATA":
                        await SayAsync(stream, "354 go on");
                        var text = new StringBuilder();
                        while (await LineAsync(stream) is { } data && data != ".") text.Append(data.StartsWith("..", StringComparison.Ordinal) ? data[1..] : data).Append("\r\n");
                        if (AfterData.StartsWith('2')) mails.Enqueue(new Received(from, [.. to], text.ToString(), secure, user));
                        await SayAsync(stream, AfterData);
                        break;
                    case "QUIT":
                        await SayAsync(stream, "221 bye");
                        return;
                    default:
                        await SayAsync(stream, "250 ok");
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            return; // the client has gone
        }
    }

    private async Task<SslStream> SecureAsync(Stream stream)
    {
        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, stop.Token);
        return secure;
    }

    private async Task SayAsync(Stream stream, string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), stop.Token);

    private async Task<string?> LineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, stop.Token) == 1)
        {
            if (one[0] == '\n') return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }

        return null;
    }

    private static X509Certificate2 Create()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    internal sealed record Received(string From, IReadOnlyList<string> To, string Text, bool Secure, string? User);
}
