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
    public sealed class FunctionsApplicationBuilder
    {
        public required Microsoft.Extensions.DependencyInjection.IServiceCollection Services { get; init; }
        public required Microsoft.Extensions.Configuration.IConfigurationManager Configuration { get; init; }
        public Microsoft.Extensions.Hosting.IHost Build() => throw new System.NotSupportedException();
    }

    public static class FunctionsApplication
    {
        public static FunctionsApplicationBuilder CreateBuilder(string[] args) => throw new System.NotSupportedException();
    }

    public static class FunctionsApplicationBuilderAspNetCoreExtensions
    {
        public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder) => builder;
    }
}
