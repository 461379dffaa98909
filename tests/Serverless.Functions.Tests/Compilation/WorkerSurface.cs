// What functions/ uses of the Azure Functions worker, declared as its public documentation has it: the sources are compiled against this where the packages are absent.
namespace Microsoft.Azure.Functions.Worker
{
    [System.AttributeUsage(System.AttributeTargets.Method)]
    public sealed class FunctionAttribute(string name) : System.Attribute { public string Name { get; } = name; }

    public enum BlobTriggerSource { EventGrid, LogsAndContainerScan }

    public sealed class BlobTriggerAttribute(string blobPath) : System.Attribute
    {
        public string BlobPath { get; } = blobPath;
        public string? Connection { get; set; }
        public BlobTriggerSource Source { get; set; }
    }

    public sealed class QueueTriggerAttribute(string queueName) : System.Attribute
    {
        public string QueueName { get; } = queueName;
        public string? Connection { get; set; }
    }

    public sealed class TimerTriggerAttribute(string schedule) : System.Attribute
    {
        public string Schedule { get; } = schedule;
        public bool RunOnStartup { get; set; }
        public bool UseMonitor { get; set; }
    }

    public class TimerInfo { public bool IsPastDue { get; set; } }

    public enum AuthorizationLevel { Anonymous, User, Function, System, Admin }

    public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : System.Attribute
    {
        public AuthorizationLevel AuthLevel { get; } = authLevel;
        public string[]? Methods { get; } = methods;
        public string? Route { get; set; }
    }
}

namespace Microsoft.Azure.Functions.Worker.Builder
{
    using Microsoft.Extensions.DependencyInjection;
    using Microsoft.Extensions.Hosting;

    public sealed class FunctionsApplicationBuilder
    {
        private readonly HostApplicationBuilder inner = Host.CreateApplicationBuilder();

        public IServiceCollection Services => inner.Services;

        public IHost Build() => FunctionsApplication.Built = new HostThatStopsAtOnce(inner.Build());
    }

    public static class FunctionsApplication
    {
        // For the tests: what Program put together.
        public static IHost? Built { get; set; }

        public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new();
    }

    public static class FunctionsApplicationBuilderAspNetCoreExtensions
    {
        public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
        {
            builder.Services.AddRouting();
            builder.Services.AddSingleton(new System.Diagnostics.DiagnosticListener("Microsoft.AspNetCore"));
            return builder;
        }
    }

    // Program runs to its end; nothing is started.
    internal sealed class HostThatStopsAtOnce(IHost inner) : IHost
    {
        public System.IServiceProvider Services => inner.Services;

        public System.Threading.Tasks.Task StartAsync(System.Threading.CancellationToken cancel)
        {
            Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
            return System.Threading.Tasks.Task.CompletedTask;
        }

        public System.Threading.Tasks.Task StopAsync(System.Threading.CancellationToken cancel) => System.Threading.Tasks.Task.CompletedTask;

        public void Dispose() { }
    }
}
