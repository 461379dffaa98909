using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Training;

namespace Serverless.MLNet.Tests;

public sealed class LazyLoadingTests
{
    // Serving must not pay for ML.NET at its start.
    [Fact]
    public void AddMLNet_TrainersDescribed_LoadsNothingOfMLNet()
    {
        var context = new Recording();
        var services = context.LoadFromAssemblyPath(typeof(MLNetServices).Assembly.Location).GetType(typeof(MLNetServices).FullName!, throwOnError: true)!;
        var collection = new ServiceCollection();
        services.GetMethod(nameof(MLNetServices.AddMLNet))!.Invoke(null, [collection]);
        var trainers = collection.BuildServiceProvider().GetServices<ITrainer>().ToArray();
        trainers.Select(t => t.Name).ShouldBe(["fasttree", "fastforest", "gam", "logistic", "sdca", "poisson"]);
        trainers.ShouldAllBe(t => t.Hyperparameters.Count > 0 && t.Library!.StartsWith("Microsoft.ML"));
        context.Asked.Where(a => a.StartsWith("Microsoft.ML", StringComparison.Ordinal)).ShouldBeEmpty();
        context.Unload();
    }

    private sealed class Recording() : AssemblyLoadContext("recording", isCollectible: true)
    {
        public List<string> Asked { get; } = [];

        protected override Assembly? Load(AssemblyName name)
        {
            Asked.Add(name.Name!);
            return null; // from the default context
        }
    }
}
