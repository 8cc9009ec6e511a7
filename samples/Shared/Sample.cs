using System.Globalization;

namespace Bindwise.Samples;

/// <summary>What every sample does alike: read the port, say what happens, turn a failure into a line and an exit code.</summary>
internal static class Sample
{
    /// <summary>It did what it shows.</summary>
    public const int Done = 0;

    /// <summary>bind() (or listen()) said EADDRINUSE: the error that this is all about.</summary>
    public const int AddressInUse = 1;

    /// <summary>Wrong arguments.</summary>
    public const int Usage = 2;

    /// <summary>Another call failed, or nobody came in time.</summary>
    public const int OtherError = 3;

    /// <summary>The longest that a sample waits for its other side.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Runs a sample that takes a port (8080 unless told) and then what <paramref name="usage"/> says.</summary>
    public static int Run(string[] args, string usage, Func<ushort, string[], int> body)
    {
        ushort port = 8080;
        if (args.Length > 0 && (!ushort.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port == 0))
            return SayUsage(usage);

        try
        {
            var code = body(port, args.Length > 1 ? args[1..] : []);
            return code == Usage ? SayUsage(usage) : code;
        }
        catch (SystemCallException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.Errno == SystemCallException.AddressInUse ? AddressInUse : OtherError;
        }
    }

    private static int SayUsage(string usage)
    {
        Console.Error.WriteLine($"usage: {usage}");
        return Usage;
    }

    /// <summary>Says a line at once, for people and for whoever waits for it in a pipe.</summary>
    public static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
