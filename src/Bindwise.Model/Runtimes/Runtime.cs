namespace Bindwise.Model.Runtimes;

/// <summary>The runtimes in whose words a line of code is given: a closed set; C stands for all that is not known.</summary>
public enum Runtime : byte
{
    /// <summary>C, and whatever calls the system directly.</summary>
    C,

    /// <summary>Python (CPython, PyPy).</summary>
    Python,

    /// <summary>Node.js.</summary>
    Node,

    /// <summary>.NET.</summary>
    DotNet,

    /// <summary>Go.</summary>
    Go,

    /// <summary>Java and what else runs on its virtual machine.</summary>
    Java,

    /// <summary>Ruby.</summary>
    Ruby,

    /// <summary>Rust.</summary>
    Rust,

    /// <summary>PHP.</summary>
    Php,
}

/// <summary>How runtimes are called.</summary>
public static class RuntimeNames
{
    /// <summary>The id of the JSON form: <c>c</c>, <c>python</c>, <c>node</c>, <c>dotnet</c>, <c>go</c>, <c>java</c>, <c>ruby</c>, <c>rust</c>, <c>php</c>.</summary>
    public static string Id(Runtime runtime) => runtime switch
    {
        Runtime.Python => "python",
        Runtime.Node => "node",
        Runtime.DotNet => "dotnet",
        Runtime.Go => "go",
        Runtime.Java => "java",
        Runtime.Ruby => "ruby",
        Runtime.Rust => "rust",
        Runtime.Php => "php",
        _ => "c",
    };

    /// <summary>The name in sentences, as <c>Node.js</c>.</summary>
    public static string Label(Runtime runtime) => runtime switch
    {
        Runtime.Python => "Python",
        Runtime.Node => "Node.js",
        Runtime.DotNet => ".NET",
        Runtime.Go => "Go",
        Runtime.Java => "Java",
        Runtime.Ruby => "Ruby",
        Runtime.Rust => "Rust",
        Runtime.Php => "PHP",
        _ => "C",
    };
}
