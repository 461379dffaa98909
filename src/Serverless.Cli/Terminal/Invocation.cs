namespace Serverless.Cli.Terminal;

/// <summary>How this program is started from where the user stands, for commands that are printed to be copied.</summary>
internal static class Invocation
{
    private const string Project = "src/Serverless.Cli";

    /// <summary><c>serverless-ml</c> where it is installed; the <c>dotnet run</c> form where it runs out of the repository's build folder.</summary>
    /// <param name="program">Folder of the program's files.</param>
    /// <param name="currentFolder">Folder in which the user types.</param>
    public static string Of(string program, string currentFolder)
    {
        for (var folder = new DirectoryInfo(program); folder is not null; folder = folder.Parent)
        {
            var project = Path.Combine(folder.FullName, Project);
            if (!File.Exists(Path.Combine(project, "Serverless.Cli.csproj"))) continue;
            // What `dotnet publish` or the benchmarks put elsewhere is not what `dotnet run` starts.
            if (!Path.GetFullPath(program).StartsWith(Path.Combine(project, "bin") + Path.DirectorySeparatorChar, StringComparison.Ordinal)) break;
            var path = Path.GetRelativePath(currentFolder, project);
            if (path.StartsWith("..", StringComparison.Ordinal)) path = project;
            return $"dotnet run --project {(path.Contains(' ') ? $"\"{path}\"" : path)} --";
        }

        return "serverless-ml";
    }
}
