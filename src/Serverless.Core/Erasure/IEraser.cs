namespace Serverless.Erasure;

/// <summary>Removes one person's rows, wherever they are kept, and leaves a record without what it was about.</summary>
public interface IEraser
{
    /// <summary>What an erasure would remove. Changes nothing.</summary>
    /// <exception cref="Problems.RequestException">The dataset is unknown, or the condition is none.</exception>
    Task<EraseReport> PreviewAsync(string dataset, string condition, string reason, CancellationToken cancel = default);

    /// <summary>Starts an erasure's run, and returns its id.</summary>
    /// <param name="condition">SQL over the dataset's columns: <c>customer_id = 7</c>.</param>
    /// <param name="reason">Kept with the record: it should not name the person.</param>
    /// <param name="unreadable">Also remove what cannot be searched.</param>
    /// <exception cref="Problems.RequestException">The dataset is unknown, or the condition is none.</exception>
    Task<string> StartAsync(string dataset, string condition, string reason, string by, bool unreadable, CancellationToken cancel = default);
}
