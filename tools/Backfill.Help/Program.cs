using System.Text;
using System.Xml;
using Backfill.Help;
using Backfill.Help.Facts;
using Backfill.Help.Output;

if (args is not ["--docs", var folder, "--module", var manifest, "--output", var output])
{
    Console.Error.WriteLine("backfill-help --docs <folder> --module <manifest> --output <folder>");
    return 2;
}

var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
var docs = HelpDocs.Read(folder);
var (cmdlets, project) = EngineFacts.Read(Path.GetFullPath(manifest));
var abouts = docs.Abouts.Select(a => (a.Name, Text: docs.Read(() => AboutText.Write(a.Name, a.Text)))).ToList();
// A page that can't be read is not missing too.
var problems = docs.Problems.Count > 0
    ? docs.Problems
    : [.. HelpRules.Check(cmdlets, docs.Pages, docs.Shared, docs.AboutNames, Path.Combine(folder, "cmdlets"))];
foreach (var problem in problems)
    Console.Error.WriteLine(problem);
if (problems.Count > 0)
    return 1;

Directory.CreateDirectory(output);
var topics = cmdlets.Select(c => new HelpTopic(c, docs.Pages.Single(p => p.Name == c.Name), docs.Shared));
// Named as the engine looks for it: the cmdlets' assembly, -Help.xml.
var help = Path.Combine(output, $"{Path.GetFileNameWithoutExtension(manifest)}.dll-Help.xml");
using (var writer = XmlWriter.Create(help, new() { Encoding = utf8, Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.None }))
    MamlWriter.Write(topics, project).Save(writer);
foreach (var (name, text) in abouts)
    File.WriteAllText(Path.Combine(output, $"{Path.GetFileNameWithoutExtension(name)}.help.txt"), text, utf8);
return 0;
