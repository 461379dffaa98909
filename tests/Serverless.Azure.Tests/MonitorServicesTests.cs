using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Azure.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Serverless.Problems;

namespace Serverless.Azure.Tests;

public sealed class MonitorServicesTests
{
    [Fact]
    public void AddAzureMonitor_NoConnection_AddsNothing()
    {
        var services = new ServiceCollection();
        services.AddAzureMonitor("up", connection: "");
        services.ShouldBeEmpty();
    }

    [Theory, InlineData("nonsense"), InlineData("InstrumentationKey=nonsense;IngestionEndpoint=https://x")]
    public void AddAzureMonitor_NotAConnection_SaysWhatIsExpected(string connection) =>
        Should.Throw<EnvironmentException>(() => new ServiceCollection().AddAzureMonitor("up", connection)).Message
            .ShouldStartWith("environment variable 'APPLICATIONINSIGHTS_CONNECTION_STRING' holds no connection string of Application Insights");

    // https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string
    [Theory]
    [InlineData(null, false), InlineData("", false), InlineData("ClientId=00000000-0000-0000-0000-000000000001", false)]
    [InlineData("Authorization=AAD", true), InlineData("ClientId=00000000-0000-0000-0000-000000000001;Authorization=AAD", true)]
    public void Identity_AuthenticationString_IsAManagedIdentityWhereItAsksForOne(string? text, bool asked) =>
        (MonitorServices.Identity(text) is ManagedIdentityCredential).ShouldBe(asked);

    [Fact]
    public async Task AddAzureMonitor_Connected_SendsTracesMetricsAndLogs()
    {
        // The exporter reports on itself to its maker unless told not to; tests send nothing anywhere.
        Environment.SetEnvironmentVariable("APPLICATIONINSIGHTS_STATSBEAT_DISABLED", "true");
        using var ingestion = new HttpListener();
        var port = FreePort();
        ingestion.Prefixes.Add($"http://127.0.0.1:{port}/");
        ingestion.Start();
        var received = new StringBuilder();
        var listening = ReceiveAsync(ingestion, received);

        var services = new ServiceCollection();
        services.AddAzureMonitor("tests", $"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:{port}/");
        await using (var provider = services.BuildServiceProvider())
        {
            var tracing = provider.GetRequiredService<TracerProvider>();
            var metrics = provider.GetRequiredService<MeterProvider>();
            var logging = provider.GetRequiredService<LoggerProvider>();
            using (var source = new ActivitySource(MonitorServices.Source))
            {
                // More than the limit for requests: runs are not limited.
                for (var i = 0; i < 20; i++) source.StartActivity($"train flight-delay-{i}")?.Dispose();
            }

            using var meter = new Meter(MonitorServices.Source);
            meter.CreateCounter<long>("serverless.predictions").Add(3);
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("tests").LogWarning("drop {Drop} rejected", "a.csv");
            foreach (var flushed in new[] { tracing.ForceFlush(20_000), metrics.ForceFlush(20_000), logging.ForceFlush(20_000) }) flushed.ShouldBeTrue();
        }

        ingestion.Stop();
        await listening;
        var text = received.ToString();
        for (var i = 0; i < 20; i++) text.ShouldContain($"train flight-delay-{i}");
        text.ShouldContain("serverless.predictions");
        text.ShouldContain("drop {Drop} rejected");
        text.ShouldContain("a.csv");
    }

    private static async Task ReceiveAsync(HttpListener listener, StringBuilder received)
    {
        while (true)
        {
            HttpListenerContext call;
            try
            {
                call = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Stream body = call.Request.InputStream;
            if (call.Request.Headers["Content-Encoding"] == "gzip") body = new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress);
            using var reader = new StreamReader(body);
            var text = await reader.ReadToEndAsync();
            lock (received) received.AppendLine(text);
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            call.Response.StatusCode = 200;
            call.Response.ContentType = "application/json";
            var answer = $$"""{"itemsReceived":{{lines}},"itemsAccepted":{{lines}},"errors":[]}""";
            await call.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            call.Response.Close();
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
