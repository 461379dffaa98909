using DuckDB.NET.Native;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;
using Serverless.DuckDb.Tables;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;

namespace Serverless.DuckDb;

/// <summary>The data engine on DuckDB. Every call has a database of its own in memory, so calls do not meet; the work is done on the thread pool.</summary>
internal sealed class DuckDbEngine(ICheckCatalogue checks) : IDataEngine
{
    public Task<PartitionedDrop> PartitionAsync(string path, string fileName, DatasetDefinition dataset, DateTimeOffset arrived, string folder,
        IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        var plan = checks.Plan(dataset);
        return Task.Run(() =>
        {
            Directory.CreateDirectory(folder);
            using var session = Session.Open(folder);
            try
            {
                return new DropPartitioner(session, dataset, plan, folder, cancel).Run(path, fileName, arrived, progress);
            }
            catch (DropRejectedException rejected)
            {
                return new PartitionedDrop { Rejected = Named(rejected.Message, fileName, path, folder) };
            }
            catch (EngineException e) when (e.Type is DuckDBErrorType.InvalidInput or DuckDBErrorType.Conversion or DuckDBErrorType.Io or DuckDBErrorType.Serialization)
            {
                return new PartitionedDrop { Rejected = $"the file cannot be read: {Named(e.Short, fileName, path, folder)}" };
            }
            catch (EngineException e)
            {
                throw Explain(e, fileName, m => Named(m, fileName, path, folder));
            }
        }, cancel);
    }

    public Task<Inspection> InspectAsync(IReadOnlyList<string> parquetPaths, DatasetDefinition dataset, CancellationToken cancel = default)
    {
        var plan = checks.Plan(dataset);
        return InScratch(Names(parquetPaths), parquetPaths, (session, _) =>
        {
            var rows = ParquetFiles.Select(session, parquetPaths, [.. dataset.Columns.Select(c => new RawColumn(c.Name, c.Type, c.Required))], cancel, finite: true);
            session.Close(parquetPaths, cancel);
            return new Inspector(session, $"(SELECT *, NULL::TIMESTAMP AS _key FROM ({rows}))", dataset.Columns, plan).Whole(cancel);
        }, cancel);
    }

    public Task<long> RowsAsync(IReadOnlyList<string> parquetPaths, CancellationToken cancel = default) => parquetPaths.Count == 0 ? Task.FromResult(0L)
        : InScratch(Names(parquetPaths), parquetPaths, (session, _) => ParquetFiles.Count(session, parquetPaths, cancel), cancel);

    public Task<Profile> ProfileAsync(string path, string fileName, CancellationToken cancel = default) => InScratch(fileName, [path], (session, scratch) =>
        DetectedFile.Profile(session, path, fileName, scratch, cancel), cancel);

    public Task<Table> ReadAsync(IReadOnlyList<string> parquetPaths, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default)
    {
        RawColumn[] wanted = [.. columns.Select(c => new RawColumn(c.Name, c.Type, c.Required))];
        return InScratch(Names(parquetPaths), parquetPaths, (session, _) => parquetPaths.Count == 0
            ? new Table(0, [.. wanted.Select(c => ColumnSink.For(c.Type, 0).Finish(c.Name))])
            : TableReader.Read(session, ParquetFiles.Select(session, parquetPaths, wanted, cancel), wanted, ParquetFiles.Rows(session, parquetPaths, cancel), cancel), cancel);
    }

    public Task<Table> ReadFileAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, CancellationToken cancel = default) =>
        InScratch(fileName, [path], (session, scratch) => ScoringFile.Read(session, path, fileName, columns, scratch, cancel), cancel);

    public Task<Table> ReadDetectedAsync(string path, string fileName, CancellationToken cancel = default) => InScratch(fileName, [path], (session, scratch) =>
        DetectedFile.Read(session, path, fileName, scratch, cancel), cancel);

    public Task WriteAsync(string path, Table table, CancellationToken cancel = default) => InScratch(Path.GetFileName(path), [path], (session, _) =>
    {
        TableWriter.Write(session, path, table, cancel);
        return true;
    }, cancel);

    private static Task<T> InScratch<T>(string what, IReadOnlyList<string> paths, Func<Session, string, T> work, CancellationToken cancel) => Task.Run(() =>
    {
        var scratch = Directory.CreateTempSubdirectory("serverless-").FullName;
        try
        {
            using var session = Session.Open(scratch);
            return work(session, scratch);
        }
        catch (DropRejectedException e)
        {
            throw new DataException($"{what}: {e.Message}");
        }
        catch (EngineException e)
        {
            // One file goes by the name that people gave it, of many each by its own.
            throw Explain(e, what, m => paths.Aggregate(m, (text, path) => Named(text, paths.Count == 1 ? what : Path.GetFileName(path), path, scratch)));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }, cancel);

    // The engine names the file that it opened: the store's own, or its expansion in a scratch folder. People know the drop's name.
    private static string Named(string message, string fileName, string path, string folder) =>
        message.Replace(path, fileName, StringComparison.Ordinal).Replace(TextScan.ExpansionIn(folder), fileName, StringComparison.Ordinal);

    private static string Names(IReadOnlyList<string> paths) => string.Join(", ", paths.Take(3).Select(Path.GetFileName)) + (paths.Count > 3 ? $" and {paths.Count - 3} more" : "");

    private static ServerlessException Explain(EngineException e, string what, Func<string, string> named) => e.Type == DuckDBErrorType.OutOfMemory
        ? new EnvironmentException($"{what}: the data engine ran out of memory: {named(e.Short)}", e)
        : new DataException($"{what}: {named(e.Short)}", e);
}
