/**
 * GET /groups/{group}/definition: a definition drafted from what is live. A function of its own,
 * because its role may look at every alarm, and changes nothing.
 */
import { draftQuerySchema } from '../shared/core/api/requests.ts';
import { draftDefinition as draft } from '../shared/core/draft-definition.ts';
import { parseStrictly } from '../shared/core/parse-strictly.ts';
import type { GroupSurvey } from '../shared/ports/estate.ts';
import { withStack } from './_handler.ts';
import { answerWith } from './_http.ts';
import * as world from './_ports.ts';
import { answer, unknown } from './_problem.ts';

/** What is read for a draft; nothing is kept. */
export interface DraftDefinitionPorts {
  readonly survey: GroupSurvey;
}

/** Makes the function: 200 with definition and notes, or 404 where there is no such group. */
export const draftDefinition = ({ survey }: DraftDefinitionPorts) =>
  answerWith(async ({ param, query }) => {
    const { service } = parseStrictly(draftQuerySchema, query, 'query');
    const live = await survey.survey(param('group'));
    return live ? answer(200, draft(live, service)) : unknown('group', param('group'));
  });

export const handler = withStack(draftDefinition({ survey: world.groupSurvey() }));
