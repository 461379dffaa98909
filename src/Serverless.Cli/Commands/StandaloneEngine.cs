using Microsoft.Extensions.DependencyInjection;
using Serverless.Drift;
using Serverless.Drift.Samples;
using Serverless.DuckDb;
using Serverless.Partitions;
using Serverless.Suggestions;

namespace Serverless.Cli.Commands;

/// <summary>The data engine without a workspace, for looking at a file.</summary>
internal sealed class StandaloneEngine : IDisposable
{
    private readonly ServiceProvider provider;

    private StandaloneEngine(ServiceProvider provider) => this.provider = provider;

    public ISuggester Suggester => provider.GetRequiredService<ISuggester>();

    public IDataEngine Engine => provider.GetRequiredService<IDataEngine>();

    public IDriftDetector Drift => provider.GetRequiredService<IDriftDetector>();

    public IDriftFiles DriftFiles => provider.GetRequiredService<IDriftFiles>();

    public static StandaloneEngine Create() => new(new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSuggestions().AddDrift().AddDuckDb().BuildServiceProvider());

    public void Dispose() => provider.Dispose();
}
