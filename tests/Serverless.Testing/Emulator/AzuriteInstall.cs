using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Serverless.Testing.Emulator;

/// <summary>Installs the pinned Azurite with npm, once for this checkout, also when several test processes start together.</summary>
internal static partial class AzuriteInstall
{
    private const int OldestNode = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    public static string Folder { get; } = Repository.PathOf("tests/Serverless.Testing/azurite");

    /// <summary>Null when Azurite is ready, else why it is not.</summary>
    public static string? Ensure()
    {
        if (Output("node", "--version") is not { } version) return $"Node.js is not installed (https://nodejs.org, version {OldestNode} or later), so Azurite cannot run";
        if (!(NodeVersion().Match(version) is { Success: true } match && int.Parse(match.Groups[1].Value) >= OldestNode))
            return $"Node.js {version.Trim()} is too old for Azurite; version {OldestNode} or later is needed";

        var wanted = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "package-lock.json"))));
        var marker = Path.Combine(Folder, "node_modules", ".installed");
        if (IsInstalled()) return null;

        Directory.CreateDirectory(Repository.PathOf("tests/Serverless.Testing/obj"));
        using var held = Lock(Repository.PathOf("tests/Serverless.Testing/obj/azurite.lock"));
        if (held is null) return "another process has been installing Azurite for too long";
        if (IsInstalled()) return null;
        if (Npm("ci --omit=optional --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error "
            + "--fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000") is { } failure) return failure;

        File.WriteAllText(marker, wanted);
        return null;

        bool IsInstalled() => File.Exists(marker) && File.ReadAllText(marker) == wanted;
    }

    private static string? Npm(string arguments)
    {
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd.exe", "/c npm " + arguments) : new ProcessStartInfo("npm", arguments);
        start.WorkingDirectory = Folder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                return $"npm could not install Azurite within {Patience.TotalMinutes:0} minutes";
            }

            var words = (errors.Result + output.Result).ReplaceLineEndings(" ");
            return process.ExitCode == 0 ? null : $"npm could not install Azurite: {words[..Math.Min(words.Length, 300)]}";
        }
        catch (Win32Exception)
        {
            return "npm is not installed (it comes with Node.js), so Azurite cannot be installed";
        }
    }

    private static string? Output(string program, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static FileStream? Lock(string path)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                Thread.Sleep(200);
            }
        }

        return null;
    }

    [GeneratedRegex(@"^v(\d+)\.")]
    private static partial Regex NodeVersion();
}
