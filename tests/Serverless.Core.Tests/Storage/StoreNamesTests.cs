using System.Reflection;
using System.Text.RegularExpressions;
using Serverless.Storage;

namespace Serverless.Core.Tests.Storage;

public sealed partial class StoreNamesTests
{
    [Theory, InlineData(typeof(StoreNames.Containers)), InlineData(typeof(StoreNames.Queues)), InlineData(typeof(StoreNames.Tables))]
    public void All_EveryConstant_IsListed(Type names)
    {
        var all = (IReadOnlyList<string>)names.GetProperty("All")!.GetValue(null)!;
        all.ShouldBe(names.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!), ignoreOrder: true);
    }

    // https://learn.microsoft.com/rest/api/storageservices: naming and referencing containers, naming queues, understanding the table service data model
    [Fact]
    public void All_Names_AreAsAzureAllowsThem()
    {
        StoreNames.Containers.All.Concat(StoreNames.Queues.All).ShouldAllBe(n => DashedName().IsMatch(n));
        StoreNames.Tables.All.ShouldAllBe(n => TableName().IsMatch(n));
    }

    [Fact]
    public void Queues_All_HaveTheirPoisonQueue() =>
        StoreNames.Queues.All.Where(q => !QueueRule.IsPoison(q)).Select(QueueRule.PoisonOf).ShouldBeSubsetOf(StoreNames.Queues.All);

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex DashedName();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}$")]
    private static partial Regex TableName();
}
