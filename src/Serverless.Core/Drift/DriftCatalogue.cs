using System.Collections.Frozen;
using Serverless.Problems;

namespace Serverless.Drift;

internal sealed class DriftCatalogue : IDriftCatalogue
{
    private readonly FrozenDictionary<string, IDriftMethod> columns;
    private readonly FrozenDictionary<string, IDatasetDriftMethod> datasets;

    public DriftCatalogue(IEnumerable<IDriftMethod> methods, IEnumerable<IDatasetDriftMethod> datasetMethods)
    {
        Methods = [.. methods];
        columns = Methods.ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);
        datasets = datasetMethods.ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);
        Names = [DriftSettings.Auto, .. Methods.Select(m => m.Name), .. datasets.Keys.Order(StringComparer.Ordinal)];
    }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<IDriftMethod> Methods { get; }

    public void Check(string name)
    {
        if (!Names.Contains(name)) throw new RequestException($"there is no drift method '{name}'.{Suggest.Hint(name, Names)}");
    }

    public IDriftMethod? Column(string name) => columns.GetValueOrDefault(name);

    public IDatasetDriftMethod? Dataset(string name) => datasets.GetValueOrDefault(name);
}
