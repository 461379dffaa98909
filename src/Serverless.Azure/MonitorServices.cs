using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Resources;
using Serverless.Problems;

namespace Serverless.Azure;

public static class MonitorServices
{
    /// <summary>Name of the ActivitySource and the Meter of this system.</summary>
    public const string Source = "Serverless";

    /// <summary>Where Application Insights is, as Azure sets it for a Function App.</summary>
    public const string Variable = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>
    /// Sends logs, traces and metrics of this system, of its HTTP server and of the runtime to Application Insights. Does nothing where
    /// <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> is not set; throws <see cref="EnvironmentException"/> where it holds something else.
    /// </summary>
    /// <param name="serviceName">What the application map calls this process: <c>functions</c>, <c>up</c>.</param>
    /// <param name="connection">Instead of the variable (tests).</param>
    public static IServiceCollection AddAzureMonitor(this IServiceCollection services, string serviceName, string? connection = null)
    {
        connection ??= Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrWhiteSpace(connection)) return services;
        if (!connection.Split(';').Any(p => p.Trim().StartsWith("InstrumentationKey=", StringComparison.OrdinalIgnoreCase) && Guid.TryParse(p.Split('=')[1].Trim(), out _)))
        {
            throw new EnvironmentException($"environment variable '{Variable}' holds no connection string of Application Insights (InstrumentationKey=...;IngestionEndpoint=...). "
                + "Copy it from the resource's overview page, or unset the variable.");
        }

        services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService(serviceName, serviceVersion: CodeVersion.Current))
            .WithTracing(t => t.AddSource(Source, "Microsoft.AspNetCore", "Azure.*").AddAzureMonitorTraceExporter(Configure))
            .WithMetrics(m => m.AddMeter(Source, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime").AddAzureMonitorMetricExporter(Configure))
            .WithLogging(l => l.AddAzureMonitorLogExporter(Configure), o => o.IncludeScopes = true);
        return services;

        // What cannot be sent is kept in memory only: the disk of a host is for the store.
        void Configure(AzureMonitorExporterOptions options) => (options.ConnectionString, options.DisableOfflineStorage) = (connection, true);
    }
}
