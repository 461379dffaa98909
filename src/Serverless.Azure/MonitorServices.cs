using Azure.Core;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serverless.Problems;

namespace Serverless.Azure;

public static class MonitorServices
{
    /// <summary>Name of the ActivitySource and the Meter of this system.</summary>
    public const string Source = "Serverless";

    /// <summary>Where Application Insights is, as Azure sets it for a Function App.</summary>
    public const string Variable = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>How to prove who we are, as Azure sets it where a key is not enough: <c>ClientId=...;Authorization=AAD</c>.</summary>
    public const string IdentityVariable = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    private const int RequestsPerSecond = 5;

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
        if (!connection.Split(';', StringSplitOptions.TrimEntries).Any(HasKey))
        {
            throw new EnvironmentException($"environment variable '{Variable}' holds no connection string of Application Insights (InstrumentationKey=...;IngestionEndpoint=...). "
                + "Copy it from the resource's overview page, or unset the variable.");
        }

        services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService(serviceName, serviceVersion: CodeVersion.Current))
            .WithTracing(t => t
                .AddSource(Source, "Microsoft.AspNetCore", "Azure.*")
                .AddAzureMonitorTraceExporter(Configure)
                .SetSampler(new RequestLimitingSampler(RequestsPerSecond, TimeProvider.System)))
            .WithMetrics(m => m
                .AddMeter(Source, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
                .AddAzureMonitorMetricExporter(Configure))
            .WithLogging(l => l.AddAzureMonitorLogExporter(Configure), o => o.IncludeScopes = true);
        return services;

        static bool HasKey(string part) => part.StartsWith("InstrumentationKey=", StringComparison.OrdinalIgnoreCase) && Guid.TryParse(part.Split('=')[1], out _);

        void Configure(AzureMonitorExporterOptions options)
        {
            options.ConnectionString = connection;
            options.Credential = Identity(Environment.GetEnvironmentVariable(IdentityVariable));
            // What cannot be sent is kept in memory only: the disk of a host is for the store.
            options.DisableOfflineStorage = true;
            // A warning counts also when it was said within a request whose trace is left out.
            options.EnableTraceBasedLogsSampler = false;
        }
    }

    /// <summary>The managed identity that an authentication string names (the only one of the machine when it names none); null when it asks for none.</summary>
    internal static TokenCredential? Identity(string? authentication)
    {
        var parts = (authentication ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        if (!parts["Authorization"].Contains("AAD", StringComparer.OrdinalIgnoreCase)) return null;
        return new ManagedIdentityCredential(parts["ClientId"].FirstOrDefault() is { } client
            ? ManagedIdentityId.FromUserAssignedClientId(client) : ManagedIdentityId.SystemAssigned);
    }
}
