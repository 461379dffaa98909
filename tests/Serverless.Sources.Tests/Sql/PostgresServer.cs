using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Serverless.Sources.Tests.Sql;

/// <summary>A PostgreSQL of its own for one test: a cluster in a temporary folder, on a free port of the loopback, run by a user without rights.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private static readonly string? Bin = new[] { "/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt/postgresql" }
        .Where(Directory.Exists).SelectMany(d => Directory.EnumerateFiles(d, "initdb", SearchOption.AllDirectories)).Select(Path.GetDirectoryName).Order(StringComparer.Ordinal).LastOrDefault();

    private readonly Process server;
    private readonly string folder;

    private PostgresServer(Process server, string folder, int port) => (this.server, this.folder, ConnectionString) = (server, folder, $"Host=127.0.0.1;Port={port};Username=tester;Database=postgres;Pooling=false");

    public string ConnectionString { get; }

    /// <summary>Why there is none here; null when there can be one.</summary>
    public static string? Missing => OperatingSystem.IsWindows() ? "the test starts PostgreSQL as on Linux and macOS"
        : Bin is null ? "PostgreSQL's server is not installed (on Debian: apt-get install postgresql)"
        : Environment.UserName == "root" && !File.Exists("/usr/sbin/runuser") && !File.Exists("/sbin/runuser") ? "PostgreSQL does not run as root, and there is no runuser to run it as somebody else" : null;

    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("serverless-postgres-").FullName;
        if (Environment.UserName == "root") await RunAsync("chown", "nobody", folder);
        await RunAsync([.. As(Path.Combine(Bin!, "initdb")), "-D", $"{folder}/data", "-U", "tester", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var process = Start([.. As(Path.Combine(Bin!, "postgres")), "-D", $"{folder}/data", "-p", $"{port}", "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"]);
        var server = new PostgresServer(process, folder, port);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await server.ExecuteAsync("SELECT 1");
                return server;
            }
            catch (NpgsqlException) when (attempt < 300 && !process.HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    public async Task<object?> ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync([.. As(Path.Combine(Bin!, "pg_ctl")), "stop", "-D", $"{folder}/data", "-m", "immediate"]);
        await server.WaitForExitAsync();
        server.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string[] As(string program) => Environment.UserName == "root" ? ["runuser", "-u", "nobody", "--", program] : [program];

    private static async Task RunAsync(params string[] command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}");
    }

    private static Process Start(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
