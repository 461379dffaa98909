using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

public sealed class ClassWeightsTests
{
    // sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 0, 1, 1, 2]) of scikit-learn 1.2.1
    [Fact]
    public void Of_Balanced_AreThoseOfScikitLearn()
    {
        var weights = ClassWeights.Of(new ClassWeightsDefinition(null, 1, 1), "m", [0, 0, 0, 0, 1, 1, 2], ["a", "b", "c"]);
        weights.Select(w => (double)w).ShouldBe([0.58333333, 0.58333333, 0.58333333, 0.58333333, 1.16666667, 1.16666667, 2.33333333], 1e-7);
    }

    [Fact]
    public void Of_NamedClasses_OthersCountOne() =>
        ClassWeights.Of(new ClassWeightsDefinition(new Dictionary<string, double> { ["true"] = 5 }, 1, 1), "m", [0, 1, 1], ["false", "true"]).ShouldBe([1f, 5f, 5f]);

    [Fact]
    public void Of_ClassThatNoRowHas_IsRefusedByName() =>
        Should.Throw<DataException>(() => ClassWeights.Of(new ClassWeightsDefinition(new Dictionary<string, double> { ["snoww"] = 5 }, 1, 1), "m", [0, 1], ["rain", "snow"])).Message.ShouldBe(
            "'classWeights' of model 'm' names class 'snoww', which no training row has. Did you mean 'snow'?");
}
