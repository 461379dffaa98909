using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Facts;

/// <summary>How long somebody's SQL may take.</summary>
/// <param name="Least">However few rows.</param>
/// <param name="PerMillionRows">More for many; an honest condition takes a tenth of a second for a million.</param>
internal sealed record SqlLimits(TimeSpan Least, TimeSpan PerMillionRows)
{
    public static SqlLimits Default { get; } = new(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));

    /// <summary>Runs a query and interrupts the engine when it takes too long.</summary>
    /// <exception cref="EngineException">It failed, or took too long.</exception>
    public List<object?[]> Rows(Session session, string sql, long rows, CancellationToken cancel) => Run(stop => session.Rows(sql, stop), rows, cancel);

    /// <summary>Runs work of the engine that is interrupted when it takes too long.</summary>
    /// <param name="rows">How many rows it reads.</param>
    /// <exception cref="EngineException">It failed, or took too long.</exception>
    public T Run<T>(Func<CancellationToken, T> work, long rows, CancellationToken cancel)
    {
        var most = Least + (PerMillionRows * (rows / 1e6));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(most);
        try
        {
            return work(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new EngineException($"it was stopped after {most.TotalSeconds:0.#} s: it takes too long.", DuckDB.NET.Native.DuckDBErrorType.Interrupt);
        }
    }
}
