using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Checks;

/// <summary>The checks that exist, by name.</summary>
public interface ICheckCatalogue
{
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Everything that is wrong with the checks of a dataset file, with its place; empty when all can run.</summary>
    IReadOnlyList<Problem> Validate(DatasetDefinition dataset);

    /// <summary>The checks of a dataset made ready for a scan. Throws <see cref="ConfigurationException"/> when <see cref="Validate"/> finds a problem.</summary>
    CheckPlan Plan(DatasetDefinition dataset);
}
