namespace Serverless.Erasure;

/// <summary>A place outside the partitions where rows of a dataset are kept. Whatever keeps rows registers one, or erasure would miss them.</summary>
public interface IRowHolder
{
    /// <summary>In a sentence: <c>quarantine</c>, <c>predictions</c>.</summary>
    string Name { get; }

    RowForm Form { get; }

    /// <summary>Object keys of the Parquet files that may hold rows of the dataset.</summary>
    IAsyncEnumerable<string> FilesAsync(string dataset, CancellationToken cancel = default);

    /// <summary>Partitions of the dataset were rewritten: whatever was computed from them and could name somebody (a profile's values) is computed again. May be called twice.</summary>
    /// <param name="partitions">Ids of the partitions whose bytes are gone.</param>
    Task ForgetAsync(string dataset, IReadOnlyCollection<string> partitions, CancellationToken cancel = default) => Task.CompletedTask;
}
