namespace Serverless.Testing;

/// <summary>The checkout that the tests were built from, for tests that compare documents and configuration with code.</summary>
public static class Repository
{
    /// <summary>Absolute path of the folder that holds Serverless.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>Absolute path of something in the checkout, given with forward slashes.</summary>
    public static string PathOf(string relative) => Path.GetFullPath(Path.Combine(Root, relative));

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Serverless.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no Serverless.sln above {AppContext.BaseDirectory}: run the tests from a checkout");
    }
}
