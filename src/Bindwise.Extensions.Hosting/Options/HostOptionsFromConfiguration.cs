using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Bindwise.Extensions.Hosting;

/// <summary>Reads and checks the part of the section <c>Bindwise</c> that is for listeners; Kestrel's endpoints have the rest.</summary>
internal sealed class HostOptionsFromConfiguration(IConfiguration? configuration)
    : IConfigureOptions<BindwiseHostOptions>, IValidateOptions<BindwiseHostOptions>
{
    public void Configure(BindwiseHostOptions options)
    {
        if (configuration is null)
            return;
        var section = new SectionReader(configuration.GetSection(BindwiseHostOptions.SectionName), options.Faults);
        options.SocketActivation = section.Word<SocketActivationMode>("SocketActivation") ?? options.SocketActivation;
        options.ListenPidMismatch = section.Word<ListenPidMismatch>("ListenPidMismatch") ?? options.ListenPidMismatch;
        options.CommandLines = section.Word<CommandLineDetail>("CommandLines") ?? options.CommandLines;
    }

    public ValidateOptionsResult Validate(string? name, BindwiseHostOptions options)
    {
        var faults = new List<string>(options.Faults);
        if (options.ListenPidMismatch is { } mismatch && !mismatch.IsDefined())
            faults.Add($"{BindwiseHostOptions.SectionName}:ListenPidMismatch is not a valid value.");
        if (!options.SocketActivation.IsDefined())
            faults.Add($"{BindwiseHostOptions.SectionName}:SocketActivation is not a valid value.");
        if (!options.CommandLines.IsDefined())
            faults.Add($"{BindwiseHostOptions.SectionName}:CommandLines is not a valid value.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}

/// <summary>Somebody else in this host takes the sockets that were passed to the process.</summary>
internal sealed class PassedSocketsOwner;
