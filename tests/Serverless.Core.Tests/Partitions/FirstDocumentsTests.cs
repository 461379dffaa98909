using Serverless.Partitions;

namespace Serverless.Core.Tests.Partitions;

public class FirstDocumentsTests
{
    // Nobody looks at what becomes of it while an ingest runs: a sample that no longer reads back must fail here.
    [Fact]
    public void Write_EachDocument_IsReadBack() => Should.NotThrow(FirstDocuments.Write);
}
