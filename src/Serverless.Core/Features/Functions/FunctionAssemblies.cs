using System.Reflection;
using System.Runtime.Loader;

namespace Serverless.Features;

/// <summary>Loads the assemblies that a workspace names for its own functions, each once in a process, with the libraries that lie beside it.</summary>
internal static class FunctionAssemblies
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, Assembly> Loaded = new(StringComparer.Ordinal);

    /// <summary>Adds every public <see cref="IFeatureFunction"/> of an assembly that has a constructor without parameters.</summary>
    /// <returns>What is wrong, or null.</returns>
    /// <exception cref="Problems.ConfigurationException">A function is not allowed as it is.</exception>
    public static string? Add(string path)
    {
        try
        {
            var types = Load(path).GetExportedTypes().Where(t => t is { IsClass: true, IsAbstract: false } && typeof(IFeatureFunction).IsAssignableFrom(t) && t.GetConstructor([]) is not null).ToArray();
            if (types.Length == 0) return "has no public class that implements IFeatureFunction and can be made without arguments";
            foreach (var type in types) FeatureFunctions.Add((IFeatureFunction)Activator.CreateInstance(type)!);
            return null;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException or TypeLoadException or ReflectionTypeLoadException)
        {
            return $"cannot be loaded: {e.Message}";
        }
        catch (TargetInvocationException e)
        {
            return $"a function could not be made: {e.InnerException?.Message ?? e.Message}";
        }
    }

    private static Assembly Load(string path)
    {
        lock (Gate)
        {
            return Loaded.TryGetValue(path, out var there) ? there : Loaded[path] = new Context(path).LoadFromAssemblyPath(path);
        }
    }

    // Libraries beside the assembly are found; what the program has itself (such as this interface) is shared.
    private sealed class Context(string path) : AssemblyLoadContext(path)
    {
        private readonly AssemblyDependencyResolver resolver = new(path);

        protected override Assembly? Load(AssemblyName name)
        {
            try
            {
                return Default.LoadFromAssemblyName(name);
            }
            catch (FileNotFoundException)
            {
                return resolver.ResolveAssemblyToPath(name) is { } found ? LoadFromAssemblyPath(found) : null;
            }
        }
    }
}
