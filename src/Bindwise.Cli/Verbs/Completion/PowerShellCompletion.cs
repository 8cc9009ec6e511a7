using Bindwise.Cli.Verbs.Complete;

namespace Bindwise.Cli.Verbs.Completion;

/// <summary>The script for PowerShell (pwsh). Where it gives nothing, PowerShell completes paths.</summary>
internal static class PowerShellCompletion
{
    private const string Begin =
        """
        # PowerShell completion for bindwise: bindwise completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName 'bindwise' -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            # By the verbs before it, what may stand there: verbs and options with what they do, words, and what of this host.
            $places = @{

        """;

    private const string End =
        """
            }
            $program = $commandAst.CommandElements[0].ToString()
            $place = ''
            $known = $false
            $skip = $false
            $helping = $false
            $before = ''
            foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
                if ($element.Extent.EndOffset -ge $cursorPosition) { break }
                $word = $element.ToString()
                $before = $word
                if ($skip) { $skip = $false; continue }
                if ($word -ceq '--color') { $skip = $true; continue }
                # A command of your own follows.
                if ($word -ceq '--') { return }
                if ($word.StartsWith('-')) { continue }
                if ($place -eq '' -and -not $helping -and $word -ceq 'help') { $helping = $true; continue }
                if ($known) { continue }
                $next = "$place $word".Trim()
                if ($places.ContainsKey($next)) { $place = $next }
                else {
                    if ($place -eq '') { $place = 'why' }
                    $known = $true
                }
            }
            $current = $wordToComplete
            $prefix = ''
            if ($current -match '^(--[^=]+)=(.*)$') {
                $before = $Matches[1]
                $current = $Matches[2]
                $prefix = "$before="
            }
            $here = $places[$place]
            $found = @()
            $live = ''
            $option = $here.Options | Where-Object { $_.Names -ccontains $before -and $_.Value } | Select-Object -First 1
            if ($option -and -not $helping) {
                $found = @($option.Words | ForEach-Object { @{ Name = $_; About = $_ } })
                $live = $option.Live
            } elseif ($helping) {
                $found = @($here.Verbs)
            } elseif ($current.StartsWith('-')) {
                $found = @($here.Options | ForEach-Object {
                    $about = $_.About
                    $_.Names | ForEach-Object { @{ Name = $_; About = $about } }
                })
            } else {
                $found = @($here.Verbs) + @($here.Words | ForEach-Object { @{ Name = $_; About = $_ } })
                # In the place of a verb a port is offered only once a digit was typed.
                if ($place -ne '' -or $current -match '^[0-9]') { $live = $here.Live }
            }
            if ($live) {
                $found = @(& $program complete $live 2>$null | ForEach-Object {
                    $parts = $_ -split "`t", 2
                    @{ Name = $parts[0]; About = $parts[1] }
                }) + $found
            }
            $found | Where-Object { $_.Name.StartsWith($current, [System.StringComparison]::Ordinal) } | ForEach-Object {
                # A result without a tooltip is an error.
                $about = if ($_.About) { $_.About } else { $_.Name }
                [System.Management.Automation.CompletionResult]::new($prefix + $_.Name, $_.Name, 'ParameterValue', $about)
            }
        }

        """;

    // What PowerShell takes for the end of a text in single quotes.
    private const string Quotes = "'\u2018\u2019\u201A\u201B";

    public static string Write(CompletionTable table)
    {
        var text = new StringBuilder(Begin);
        foreach (var place in table.Places)
        {
            Add(text, 8, $"{Quote(place.Path)} = @{{");
            Add(text, 12, $"Live = {Quote(CompleteCommand.WordOf(place.Live))}");
            Add(text, 12, $"Words = @({List(place.Words)})");
            Add(text, 12, "Verbs = @(");
            foreach (var (name, description) in place.Verbs)
                Add(text, 16, $"@{{ Name = {Quote(name)}; About = {Quote(description)} }}");
            Add(text, 12, ")");
            Add(text, 12, "Options = @(");
            foreach (var option in place.Options)
                Add(text, 16, $"@{{ Names = @({List(option.Names)}); Value = {(option.Value is null ? "$false" : "$true")}; Words = @("
                    + $"{List(option.Value?.Words ?? [])}); Live = {Quote(CompleteCommand.WordOf(option.Value?.Live ?? LiveValue.None))}; "
                    + $"About = {Quote(option.Description)} }}");
            Add(text, 12, ")");
            Add(text, 8, "}");
        }
        return text.Append(End).ToString();
    }

    private static string List(IEnumerable<string> words) => string.Join(", ", words.Select(Quote));

    private static string Quote(string text) => "'" + string.Concat(text.Select(static letter =>
        Quotes.Contains(letter, StringComparison.Ordinal) ? $"{letter}{letter}" : letter.ToString(CultureInfo.InvariantCulture))) + "'";

    private static void Add(StringBuilder text, int margin, string line) => text.Append(' ', margin).Append(line).Append('\n');
}
