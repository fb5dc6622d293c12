// Prints the problems that GitHub's own parser of workflows finds in a file, its expressions included, as JSON. tsx runs it, as the package
// is an ES module that imports JSON.
import { readFileSync } from 'node:fs';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';

const [, , file] = process.argv;
const { context, value } = parseWorkflow({ name: file, content: readFileSync(file, 'utf8') }, new NoOperationTraceWriter());
const { errors = [] } = value ? await convertWorkflowTemplate(context, value) : {};
console.log(JSON.stringify([...context.errors.getErrors().map(({ message }) => message), ...errors.map(({ Message }) => Message)]));
