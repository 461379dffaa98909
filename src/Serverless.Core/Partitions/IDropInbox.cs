namespace Serverless.Partitions;

/// <summary>The front door: a file in landing becomes one ingest run, however often and by however many it is announced.</summary>
public interface IDropInbox
{
    /// <summary>
    /// Starts the ingest run of an object in landing, once for each content of it (key and ETag). Returns the run's id, also when it was started before.
    /// Throws <see cref="Problems.RequestException"/> when the dataset is not in the workspace or the key is not below <c>landing/&lt;dataset&gt;/</c>.
    /// </summary>
    Task<string> AcceptAsync(string dataset, string key, string by, bool append = false, CancellationToken cancel = default);

    /// <summary>Puts a file into landing under its own name and accepts it. Names with path characters are refused.</summary>
    Task<string> PutAsync(string dataset, string fileName, Stream content, string by, bool append = false, CancellationToken cancel = default);
}
