namespace Serverless.Drift.Samples;

/// <summary>Files as sides of a comparison, read a few columns at a time.</summary>
public interface IDriftFiles
{
    /// <summary>A CSV, JSON Lines or Parquet file; types are detected where the file does not say them.</summary>
    /// <param name="fileName">For messages, and for the extension that tells the format.</param>
    /// <exception cref="Problems.DataException">The file cannot be read as what its name says.</exception>
    IDriftFile Open(string path, string fileName, CancellationToken cancel = default);

    /// <summary>Parquet files of one dataset, one after another; a column that a file lacks is missing throughout it.</summary>
    /// <param name="name">For messages.</param>
    IDriftFile Open(IReadOnlyList<string> parquetPaths, string name, CancellationToken cancel = default);
}

/// <summary>An open file; closing it removes what was expanded on the way.</summary>
public interface IDriftFile : IDriftSource, IDisposable;
