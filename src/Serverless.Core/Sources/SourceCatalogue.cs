using System.Collections.Frozen;
using Serverless.Problems;

namespace Serverless.Sources;

/// <summary>The readers that this host has, by kind.</summary>
internal sealed class SourceCatalogue(IEnumerable<ISourceReader> readers)
{
    private readonly FrozenDictionary<string, ISourceReader> byKind = readers.ToFrozenDictionary(r => r.Kind, StringComparer.Ordinal);

    public ISourceReader Of(SourceDefinition source) => byKind.TryGetValue(source.Kind, out var reader) ? reader : throw new EnvironmentException(
        $"source '{source.Name}': this host cannot read sources of kind '{source.Kind}'. It reads: {string.Join(", ", byKind.Keys.Order(StringComparer.Ordinal))}.");
}
