namespace Serverless.Reports;

/// <summary>Puts together what is known of a dataset, for a page. Reads reports and profiles that lie beside the partitions, and the rows of the compared windows for drift.</summary>
public interface IDatasetReports
{
    /// <exception cref="Problems.RequestException">The dataset is unknown.</exception>
    /// <exception cref="Problems.DataException">It has no partitions.</exception>
    Task<ReportDocument> BuildAsync(string dataset, ReportQuery query, CancellationToken cancel = default);
}

public sealed record ReportQuery
{
    /// <summary>Beginning of the key of the first period that is shown; null = from the first.</summary>
    public string? From { get; init; }

    /// <summary>Beginning of the key of the last period that is shown; null = to the last.</summary>
    public string? To { get; init; }

    /// <summary>The current window: so many of the last periods shown. Their reference is as many before them.</summary>
    public int Current { get; init; } = 7;
}
