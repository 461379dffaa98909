using Serverless.Datasets;
using Serverless.Drift.Samples;

namespace Serverless.Drift;

/// <summary>Compares a current set of rows with a reference. Drift is a value of the report; only input that cannot be compared is an error.</summary>
public interface IDriftDetector
{
    /// <exception cref="Problems.RequestException">A method or column that does not exist, a threshold that makes no sense.</exception>
    /// <exception cref="Problems.DataException">No rows on one side, columns of different types, no column in common.</exception>
    DriftReport Compare(Table reference, Table current, DriftSettings settings, CancellationToken cancel = default);

    /// <summary>The same, reading a few columns at a time, so that memory does not grow with their number.</summary>
    DriftReport Compare(IDriftSource reference, IDriftSource current, DriftSettings settings, CancellationToken cancel = default);
}

/// <summary>The methods by name.</summary>
public interface IDriftCatalogue
{
    /// <summary>Every name that <see cref="DriftSettings.Method"/> can have, <c>auto</c> first.</summary>
    IReadOnlyList<string> Names { get; }

    IReadOnlyList<IDriftMethod> Methods { get; }

    /// <exception cref="Problems.RequestException">No method has this name; says what was probably meant.</exception>
    void Check(string name);

    /// <summary>The method for columns that has this name, or null.</summary>
    IDriftMethod? Column(string name);

    /// <summary>The method for all columns together that has this name, or null.</summary>
    IDatasetDriftMethod? Dataset(string name);
}
