using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.DuckDb;
using Serverless.Partitions;

namespace Serverless.Cli.Commands;

/// <summary>The data engine without a workspace, for looking at a file.</summary>
internal sealed class StandaloneEngine : IDisposable
{
    private readonly ServiceProvider provider;

    private StandaloneEngine(ServiceProvider provider) => this.provider = provider;

    public IDataEngine Engine => provider.GetRequiredService<IDataEngine>();

    public static StandaloneEngine Create() => new(new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddChecks().AddDuckDb().BuildServiceProvider());

    public void Dispose() => provider.Dispose();
}
