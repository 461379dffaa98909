namespace Serverless.Erasure;

/// <summary>A place outside the partitions where rows of a dataset are kept. Whatever keeps rows registers one, or erasure would miss them.</summary>
public interface IRowHolder
{
    /// <summary>In a sentence: <c>quarantine</c>, <c>predictions</c>.</summary>
    string Name { get; }

    RowForm Form { get; }

    /// <summary>Object keys of the Parquet files that may hold rows of the dataset.</summary>
    IAsyncEnumerable<string> FilesAsync(string dataset, CancellationToken cancel = default);
}
