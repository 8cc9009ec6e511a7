using Bindwise.Packages.Tests.Packing;

namespace Bindwise.Browser.Tests;

/// <summary>What eng/browser publishes, and readers of it in two time zones.</summary>
public sealed class PublishedModel : IAsyncLifetime
{
    private readonly Lazy<Task<NodeModel>> _inShanghai;
    private NodeModel? _model;

    public PublishedModel() => _inShanghai = new Lazy<Task<NodeModel>>(() => NodeModel.StartAsync(Module, "Asia/Shanghai"));

    /// <summary>The published files.</summary>
    public static string Folder { get; } = Repository.File("artifacts/browser/play");

    /// <summary>The model of a reader in UTC.</summary>
    public NodeModel Model => _model!;

    /// <summary>The model of a reader in Shanghai.</summary>
    public Task<NodeModel> InShanghaiAsync() => _inShanghai.Value;

    public async Task InitializeAsync()
    {
        await Tool.RunAsync(Repository.Root, Repository.File("eng/browser"), "--if-changed");
        // By it Node.js takes files that end in .js for modules, as a browser does.
        await File.WriteAllTextAsync(Path.Combine(Folder, "..", "package.json"), """{"type":"module"}""");
        _model = await NodeModel.StartAsync(Module, "UTC");
    }

    public async Task DisposeAsync()
    {
        _model?.Dispose();
        if (_inShanghai.IsValueCreated)
            (await _inShanghai.Value).Dispose();
    }

    /// <summary>The module that a page imports.</summary>
    public static string Module => Path.Combine(Folder, "model.js");
}

/// <summary>The tests that ask the published model, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PublishedCollection : ICollectionFixture<PublishedModel>
{
    public const string Name = "the published model";
}

/// <summary>A test that needs Node.js; skipped, with the reason, where there is none.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    /// <summary>Looks for it.</summary>
    public NodeFactAttribute() => Skip = Node.WhyNot;
}

/// <summary>The same for a test with rows.</summary>
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for it.</summary>
    public NodeTheoryAttribute() => Skip = Node.WhyNot;
}

/// <summary>Node.js on this machine.</summary>
internal static class Node
{
    /// <summary>Why there is none; null where there is.</summary>
    public static string? WhyNot { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "node")))
            ? null : "needs Node.js: apt-get install nodejs";
}
