using System.Security.Cryptography;
using System.Text;
using DuckDB.NET.Native;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.DuckDb.Tables;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Sources;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Joins;

/// <summary>
/// Rows of other datasets put together in SQL. It reads each input at one version, which the mark and the drop's origin name, and gives the whole result: what an earlier
/// join brought for a period is superseded, also where there are no rows any more.
/// </summary>
internal sealed class JoinReader(Workspace workspace, IDatasetHistory history, IObjectStore objects, JoinMemory? memory = null) : ISourceReader
{
    private const int MostListed = 1_000;

    public string Kind => JoinSource.KindName;

    public async Task<Fetched> FetchAsync(FetchRequest request, CancellationToken cancel)
    {
        var source = (JoinSource)request.Source;
        var inputs = new List<(DatasetDefinition Dataset, int Version, IReadOnlyList<PartitionRecord> Partitions)>();
        foreach (var name in source.Inputs)
        {
            var commits = await history.CommitsAsync(name, cancel);
            if (commits.Count == 0) return new Fetched { Mark = request.Mark, NothingNew = $"dataset '{name}' has no data yet" };
            inputs.Add((workspace.Dataset(name), commits[^1].Version, await history.PartitionsAsync(name, AsOf.AtVersion(commits[^1].Version), cancel)));
        }

        var versions = string.Join(", ", inputs.Select(i => $"{i.Dataset.Name}@{i.Version}"));
        var mark = new SourceMark { ETag = versions, Of = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source.Sql}\n{request.Dataset.ContractVersion}")))[..16] };
        if (request.Mark == mark) return new Fetched { Mark = mark, NothingNew = $"the inputs have not changed ({versions})" };

        request.Progress?.Report(new RunProgress($"joining {versions}", null));
        var files = new List<LocalObject>();
        try
        {
            var paths = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            foreach (var (dataset, _, partitions) in inputs)
            {
                var mine = new List<string>();
                foreach (var partition in partitions)
                {
                    files.Add(await objects.MaterialiseAsync(partition.Entry.Path, cancel));
                    mine.Add(files[^1].Path);
                }

                paths[dataset.Name] = mine;
            }

            var drop = Path.Combine(request.Folder, "join.parquet");
            var rows = await JoinAsync(source, [.. inputs.Select(i => i.Dataset)], paths, drop, request.Folder, cancel);
            if (rows == 0) return new Fetched { Mark = mark, NothingNew = $"the join has no rows ({versions})" };
            return new Fetched
            {
                Mark = mark,
                Files =
                [
                    new FetchedFile
                    {
                        Path = drop, Name = "join.parquet", Whole = true,
                        Origin = new DropOrigin { Source = source.Name, Kind = Kind, Run = request.Run, Address = versions, Rows = rows, Inputs = [.. inputs.Select(i => Input(i.Dataset, i.Version, i.Partitions))] },
                    },
                ],
            };
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    private static DropInput Input(DatasetDefinition dataset, int version, IReadOnlyList<PartitionRecord> partitions) => new(dataset.Name, version,
        [.. partitions.Take(MostListed).Select(p => p.Id)],
        [.. partitions.Select(p => p.Commit).DistinctBy(c => c.Version).OrderBy(c => c.Version).TakeLast(MostListed).Select(c => new InputDrop(c.File, c.Drop, c.By, c.Version))]);

    private async Task<long> JoinAsync(JoinSource source, IReadOnlyList<DatasetDefinition> datasets, Dictionary<string, IReadOnlyList<string>> paths, string drop, string folder, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(source.Timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            return await Task.Run(() =>
            {
                using var session = Session.Open(folder);
                session.Execute("SET threads=1", either.Token); // the same rows in the same order each time
                if (memory is not null) session.Execute($"SET memory_limit='{memory.Megabytes}MB'", either.Token);
                if (memory?.Disk is { } disk) session.Execute($"SET max_temp_directory_size='{disk}MB'", either.Token);
                var tables = datasets.Select(d => (d, ParquetFiles.Select(session, paths[d.Name], [.. d.Columns.Select(c => new RawColumn(c.Name, c.Type, c.Required))], either.Token))).ToArray();
                JoinTables.Open(session, tables, [.. paths.Values.SelectMany(p => p)], either.Token);
                JoinTables.Define(session, source.Sql, datasets, either.Token);
                session.Execute($"COPY (SELECT * FROM {JoinTables.Result}) TO {Sql.Text(drop)} (FORMAT parquet, COMPRESSION zstd)", either.Token);
                return (long)ParquetFiles.Rows(session, [drop], either.Token);
            }, either.Token);
        }
        catch (EngineException e) when (e.Type == DuckDBErrorType.OutOfMemory)
        {
            throw new SourceException($"the join needs more memory than it may have, with what it could put on disk ({e.Short.TrimEnd('.')}). Filter or aggregate before joining, select fewer columns, and join on equal columns.", e);
        }
        catch (EngineException e)
        {
            throw new SourceException($"the join failed: {e.Short}", e);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new SourceException($"the join took longer than {source.Timeout.TotalMinutes:0.#} minutes.");
        }
    }
}
