using Serverless.Features;
using Serverless.Problems;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>functions</c> of serverless.yaml: assemblies with own functions for expressions, loaded when the workspace is.</summary>
internal static class FunctionsSection
{
    public static void Read(Section parent, string root, ProblemLog problems)
    {
        const string Expected = "a list of assemblies, such as [functions/Freight.dll]";
        foreach (var item in parent.ListOf("functions", Expected))
        {
            if (item is not YamlScalar { IsNull: false } path) parent.Error(item, $"'functions' must be {Expected}.");
            else if (!File.Exists(Path.GetFullPath(path.Text, root))) parent.Error(path, $"assembly '{path.Text}' does not exist; the path is relative to the folder of serverless.yaml.");
            else Load(parent, path, root, problems);
        }
    }

    private static void Load(Section parent, YamlScalar path, string root, ProblemLog problems)
    {
        try
        {
            if (FunctionAssemblies.Add(Path.GetFullPath(path.Text, root)) is { } wrong) parent.Error(path, $"assembly '{path.Text}' {wrong}.");
        }
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems) problems.Error(parent.File, path, problem.Message);
        }
    }
}
