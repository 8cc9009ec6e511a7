using Bindwise.Kernel.Tests.Freeing;
using Bindwise.Kernel.Tests.Simulation;
using Bindwise.Kernel.Tests.Situations;
using Bindwise.Kernel.Tests.Supervising;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Bindwise.Kernel.Tests.Isolation.LongestFirst", "Bindwise.Kernel.Tests")]

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>Starts the classes that wait longest first, so that the others run meanwhile.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest = [nameof(LabProveTests), nameof(FollowTests), nameof(ProbeTests), nameof(WaitTests), nameof(FreeRestartTests), nameof(AuditTests)];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(static collection => Longest.Any(name => collection.DisplayName.EndsWith("." + name, StringComparison.Ordinal)));
}
