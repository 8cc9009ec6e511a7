using Bindwise.Rendering.Listing;

namespace Bindwise.Cli.Verbs.Ls;

internal sealed class LsRun(PortListRequest request, IReadOnlyList<string> words, bool isJson, AnswerStream output, ErrorLines errors)
{
    public ExitCode List()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        PortListing listing;
        try
        {
            listing = PortDiagnostics.List(request);
        }
        catch (PortQueryException exception)
        {
            return errors.Fail(exception.Message);
        }
        if (listing.Ports.IsEmpty)
        {
            // As grep(1) has it: nothing was found, and nothing failed.
            errors.Write(request is { Portable: true, Filter.Protocols: [Protocol.Unix, ..] and var protocols }
                && protocols.All(static one => one == Protocol.Unix) ? "--portable shows no UNIX sockets"
                : words.Count == 0 ? "no port is in use" : $"no port in use matches {string.Join(' ', words)}");
            return ExitCode.Negative;
        }
        Write(listing);
        // Not among the lines, which scripts read; and not once nobody reads any more.
        foreach (var note in output.IsOpen ? listing.Notes : [])
            errors.Write(note);
        return ExitCode.Success;
    }

    private void Write(PortListing listing)
    {
        if (isJson)
        {
            using var lines = new AnswerBlocks(output);
            PortJson.Write(lines, listing);
            return;
        }
        var terminal = Terminal.Detect();
        TextOutput.Write(output, PortTable.Render(listing, terminal.Width), terminal.IsColoured);
    }
}
