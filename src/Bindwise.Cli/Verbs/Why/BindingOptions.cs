using System.CommandLine;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>The options that say what the program in question sets on its socket before bind().</summary>
internal sealed class BindingOptions
{
    private readonly Flag _plain =
        new("--plain", "Ask for a socket without options. Otherwise a TCP server is assumed to set SO_REUSEADDR, as nearly all do.");
    private readonly Flag _reuseAddress = new("--reuse-address", "The program sets SO_REUSEADDR before bind().");
    private readonly Flag _reusePort = new("--reuse-port", "The program sets SO_REUSEPORT before bind().");
    private readonly Flag _v6Only = new("--v6-only", "The program sets IPV6_V6ONLY: its [::] leaves IPv4 free.");
    private readonly Flag _dualStack = new("--dual-stack", "The program clears IPV6_V6ONLY: its [::] takes IPv4 too.");
    private readonly ValueOption _device = new("--device", "NAME", "The program binds to this interface (SO_BINDTODEVICE).");

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_plain, _reuseAddress, _reusePort, _v6Only, _dualStack, _device];

    /// <summary>What the program sets.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public ProgramOptions Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (parsed.GetValue(_plain) && (parsed.GetValue(_reuseAddress) || parsed.GetValue(_reusePort)))
            fault = $"--plain asks for a socket without options: leave it out, or "
                + (parsed.GetValue(_reuseAddress) ? "--reuse-address" : "--reuse-port");
        else if (parsed.GetValue(_v6Only) && parsed.GetValue(_dualStack))
            fault = "--v6-only and --dual-stack are opposites: give one of them";
        else if (parsed.GetValue(_device) is "")
            fault = "--device needs the name of an interface, such as eth0";
        return new ProgramOptions
        {
            ReuseAddress = parsed.GetValue(_plain) ? false : parsed.GetValue(_reuseAddress) ? true : null,
            ReusePort = parsed.GetValue(_plain) ? false : parsed.GetValue(_reusePort) ? true : null,
            V6Only = parsed.GetValue(_v6Only) ? true : parsed.GetValue(_dualStack) ? false : null,
            Device = parsed.GetValue(_device),
        };
    }
}
