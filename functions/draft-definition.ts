/**
 * GET /groups/{group}/definition: a definition drafted from what is live. A function of its own,
 * because its role may look at every alarm, and changes nothing.
 */
import { draftQuerySchema } from '../shared/core/api/requests.ts';
import { draftDefinition as draft } from '../shared/core/draft-definition.ts';
import { findServiceOfGroup } from './_group-service.ts';
import { parseStrictly } from '../shared/core/parse-strictly.ts';
import type { GroupSurvey } from '../shared/ports/estate.ts';
import type { Services } from '../shared/ports/ledger.ts';
import { withStack } from './_handler.ts';
import { answerWith } from './_http.ts';
import * as world from './_ports.ts';
import { answer, unknown } from './_problem.ts';

/** What is read for a draft; nothing is kept. */
export interface DraftDefinitionPorts {
  readonly survey: GroupSurvey;
  /** Whoever has the group already. */
  readonly services: Pick<Services, 'list'>;
}

/** Makes the function: 200 with definition and notes, or 404 where there is no such group. */
export const draftDefinition = ({ survey, services }: DraftDefinitionPorts) =>
  answerWith('draftDefinition', async ({ param, query }) => {
    const { service } = parseStrictly(draftQuerySchema, query, 'query');
    const group = param('group');
    const live = await survey.survey(group);
    if (!live) return unknown('group', group);
    const owner = await findServiceOfGroup(services, group);
    return answer(200, draft(live, { service, owner: owner?.service }));
  });

export const handler = withStack(
  draftDefinition({ survey: world.groupSurvey(), services: world.services() }),
);
